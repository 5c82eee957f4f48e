// Takes a photo with the webcam, and if it is asked to, says who is seen meanwhile.

import * as api from "./api.js";
import { t, number } from "./i18n.js";
import { $, setError, show } from "./dialogs.js";
import { svg } from "./photo.js";
import { short } from "./verdict.js";

const { Problem } = api;

/** Frames are sent this wide. */
const WIDTH = 640;

/** Sends one frame after the other, each when the one before is answered, until it is ended. */
async function live(video, going) {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = Math.round((WIDTH * video.videoHeight) / video.videoWidth);
  const context = canvas.getContext("2d");
  const answered = [];
  while (going()) {
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    const { faces } = await api.identify(blob);
    if (!going()) {
      return;
    }
    draw(canvas, faces);
    answered.push(performance.now());
    if (answered.length > 20) {
      answered.shift();
    }
    const seconds = (answered.at(-1) - answered[0]) / 1000;
    $("camera-rate").textContent = t("camera.rate", {
      rate: number(seconds > 0 ? (answered.length - 1) / seconds : 0, {
        maximumSignificantDigits: 2,
      }),
    });
  }
}

function draw(canvas, faces) {
  const overlay = $("camera-overlay");
  overlay.setAttribute("viewBox", `0 0 ${canvas.width} ${canvas.height}`);
  overlay.replaceChildren(
    ...faces.map((face) => {
      const { x, y, width, height } = face.box;
      const group = svg("g", { class: "face" });
      const name = svg("text", { x, y: Math.max(24, y - 8), "font-size": 24 });
      name.textContent = short(face);
      group.append(svg("rect", { x, y, width, height, rx: width / 16 }), name);
      return group;
    }),
  );
}

export function setUp(taken) {
  const dialog = $("camera-dialog");
  const video = $("camera-video");
  const take = $("camera-take");

  const box = $("camera-live");
  let run = 0;

  async function start() {
    const mine = ++run;
    const going = () => mine === run && box.checked && video.srcObject != null;
    show($("camera-rate"), box.checked);
    $("camera-rate").textContent = t("camera.rate", { rate: "…" });
    $("camera-overlay").replaceChildren();
    try {
      if (going()) {
        await live(video, going);
      }
    } catch (problem) {
      if (going()) {
        box.checked = false;
        show($("camera-rate"), false);
        setError("camera-error", problem);
      }
    }
  }

  box.addEventListener("change", start);

  $("open-camera").addEventListener("click", async () => {
    setError("camera-error", null);
    box.checked = false;
    show($("camera-rate"), false);
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
    run++;
    $("camera-overlay").replaceChildren();
    video.srcObject?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }
}
