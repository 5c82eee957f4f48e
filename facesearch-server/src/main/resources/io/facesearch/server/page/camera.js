// Takes a photo with the webcam.

import { $, setError, show } from "./dialogs.js";
import { Problem } from "./api.js";

export function setUp(taken) {
  const dialog = $("camera-dialog");
  const video = $("camera-video");
  const take = $("camera-take");

  $("open-camera").addEventListener("click", async () => {
    setError("camera-error", null);
    take.disabled = true;
    dialog.showModal();
    try {
      if (!navigator.mediaDevices) {
        throw new Problem(0, "camera_insecure", "");
      }
      video.srcObject = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 960 } },
      });
      if (dialog.open) {
        await video.play();
        take.disabled = false;
        take.focus();
      } else {
        stop();
      }
    } catch (e) {
      setError("camera-error", e instanceof Problem ? e : new Problem(0, "camera", e.message));
    }
    show(video, video.srcObject != null);
  });

  take.addEventListener("click", () => {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob(
      (blob) => {
        dialog.close();
        taken(blob);
      },
      "image/jpeg",
      0.92,
    );
  });

  dialog.addEventListener("close", stop);

  function stop() {
    video.srcObject?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }
}
