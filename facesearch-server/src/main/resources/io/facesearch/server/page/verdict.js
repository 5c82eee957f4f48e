// Who a face is, in one line.

import { t, number } from "./i18n.js";

/** Why a face is ill suited, in words; empty if it is not. */
export function reasons(face) {
  return face.quality.measures
    .filter((measure) => measure.rejected)
    .map((measure) => {
      const format =
        measure.reason === "CUT_OFF" ? { style: "percent" } : { maximumFractionDigits: 0 };
      return t(`bad.${measure.reason}`, {
        value: number(measure.value, format),
        limit: number(measure.limit, format),
      });
    })
    .join(t("list.comma"));
}

const unsureNames = (who) =>
  who.candidates.filter((one) => one.decision === "UNSURE" && one.person).map((one) => one.person);

/**
 * What is said of a face: {kind, text, reason}. The kind is same, unsure, nobody or unusable; a face
 * that is ill suited is told to be somebody, to be checked, but never to be nobody.
 */
export function verdict(face, galleryFaces) {
  const who = face.who;
  const reason = reasons(face);
  if (who.person) {
    return reason
      ? { kind: "unsure", text: t("verdict.probably", { person: who.person }), reason }
      : { kind: "same", text: t("verdict.is", { person: who.person }), reason };
  }
  if (reason) {
    return { kind: "unusable", text: t("verdict.unusable", { reason }), reason: "" };
  }
  if (galleryFaces === 0) {
    return { kind: "nobody", text: t("verdict.empty"), reason };
  }
  if (who.decision === "SAME") {
    return { kind: "same", text: t("verdict.nameless"), reason };
  }
  const names = unsureNames(who);
  if (names.length === 1) {
    return { kind: "unsure", text: t("verdict.probably", { person: names[0] }), reason };
  }
  if (names.length > 1) {
    return {
      kind: "unsure",
      text: t("verdict.either", { first: names[0], second: names[1] }),
      reason,
    };
  }
  return who.decision === "UNSURE"
    ? { kind: "unsure", text: t("verdict.perhaps-nameless"), reason }
    : { kind: "nobody", text: t("verdict.nobody"), reason };
}

/** The same in a word, under a small picture. */
export function short(face) {
  const who = face.who;
  const reason = reasons(face);
  if (who.person) {
    return reason ? `${who.person}?` : who.person;
  }
  if (reason) {
    return t("short.unusable");
  }
  const names = unsureNames(who);
  if (names.length > 0) {
    return `${names[0]}?`;
  }
  return who.decision === "SAME" ? t("nobody") : t("short.nobody");
}

/** How often it errs, in plain words. */
export function odds(threshold) {
  if (threshold.falseAcceptRate >= 1) {
    return t("rate.not-calibrated");
  }
  if (threshold.distance < 0.001) {
    return t("rate.nobody");
  }
  return t("rate.strangers", {
    n: Number((1000 * threshold.falseAcceptRate).toPrecision(2)),
  });
}
