// The matches: a card each; what a distance means at the threshold that is set.

import { t, number } from "./i18n.js";
import { $, button, make, show } from "./dialogs.js";
import { photoOf } from "./api.js";

/** Where the bars of the cards end. */
const FARTHEST = 1.6;

const SIGNS = { SAME: "✓", UNSURE: "?", DIFFERENT: "✕" };

/** What a distance alone says, at the threshold that is set here. */
function decide(distance, threshold, differentBeyond) {
  if (distance <= threshold) {
    return "SAME";
  }
  return distance > Math.max(threshold, differentBeyond) ? "DIFFERENT" : "UNSURE";
}

export const distanceText = (distance) =>
  number(distance, { minimumFractionDigits: 3, maximumFractionDigits: 3 });

const cards = () => [...document.querySelectorAll("#groups .card, #grid .card")];

/** So many photos of the first person stand in front, one of each other. */
const FRONT = 4;

/**
 * Shows matches, by person or as they are. Cards are kept where a face stays, so that pictures do
 * not flicker when k changes.
 */
export function showMatches(matches, byPerson, actions) {
  const old = new Map(cards().map((one) => [one.dataset.face, one]));
  const made = matches.map((match) => {
    const known = old.get(match.face.id);
    return known &&
      known.dataset.distance === String(match.distance) &&
      known.dataset.said === match.decision
      ? known
      : card(match, actions);
  });
  $("grid").replaceChildren(...(byPerson ? [] : made));
  $("groups").replaceChildren(...(byPerson ? grouped(matches, made, actions) : []));
  show($("empty"), matches.length === 0);
}

/** The matches of each person, the nearest person first; a face of nobody's stands for itself. */
function grouped(matches, made, actions) {
  const groups = new Map();
  matches.forEach((match, i) => {
    const { person, id } = match.face;
    const key = person ? `n${person}` : match.group ? `g${match.group}` : `f${id}`;
    if (!groups.has(key)) {
      groups.set(key, { match, cards: [] });
    }
    groups.get(key).cards.push(made[i]);
  });
  return [...groups.values()].map(({ match, cards: some }, i) => {
    const front = i === 0 ? FRONT : 1;
    const name = match.face.person ?? t("nobody");
    const title = make("h3", { className: "name" });
    title.append(
      match.face.person || match.group
        ? button(name, "link", () => actions.person(match), t("person.open", { person: name }))
        : name,
    );
    const rest = some.slice(front);
    return make(
      "section",
      { className: "group" },
      title,
      make("ul", { className: "grid" }, ...some.slice(0, front)),
      rest.length === 0
        ? null
        : make(
            "details",
            { className: "rest" },
            make("summary", { textContent: t("group.more", { n: rest.length }) }),
            make("ul", { className: "grid" }, ...rest),
          ),
    );
  });
}

function card(match, actions) {
  const face = match.face;
  const name = face.person ?? t("nobody");
  let picture;
  if (face.photo) {
    picture = make("button", { type: "button", className: "look" });
    picture.setAttribute("aria-label", t("match.look", { person: name }));
    picture.append(
      make("img", {
        src: photoOf(face.id),
        alt: "",
        width: 240,
        height: 240,
        loading: "lazy",
        decoding: "async",
      }),
    );
    picture.addEventListener("click", () => actions.look(match));
  } else {
    picture = make("div", {
      className: "no-photo muted small",
      textContent: t("match.no-photo"),
    });
  }
  const more = button(
    t("match.more"),
    "quiet small",
    () => actions.more(match),
    t("match.more-of", { person: name }),
  );
  const compare = button(
    t("match.compare"),
    "quiet small",
    () => actions.compare(match),
    t("match.compare-with", { person: name }),
  );
  const forget = button(
    face.person ? t("match.forget") : t("match.remove"),
    "quiet small",
    () => actions.forget(match),
    t(face.person ? "forget.title" : "remove.title", { person: name }),
  );
  // Those of the gallery itself are filtered by otherwise.
  const tags = Object.entries(face.tags).filter(([tag]) => !tag.startsWith("facesearch."));
  const tagList =
    tags.length === 0
      ? null
      : make(
          "details",
          { className: "tags small" },
          make("summary", { textContent: t("match.attributes", { n: tags.length }) }),
          make(
            "ul",
            {},
            ...tags.map(([tag, value]) =>
              make("li", {
                textContent: value === "yes" ? tag.replaceAll("_", " ") : `${tag}: ${value}`,
              }),
            ),
          ),
        );
  const meter = make("span", { className: "meter" }, make("span"));
  meter.setAttribute("aria-hidden", "true");
  meter.firstChild.style.setProperty("--at", `${Math.min(100, (match.distance / FARTHEST) * 100)}%`);
  return make(
    "li",
    {
      className: "card",
      dataset: {
        face: face.id,
        distance: match.distance,
        said: match.decision,
        person: face.person ?? "",
      },
    },
    make("div", { className: "picture" }, picture, make("span", { className: "badge" })),
    make(
      "div",
      { className: "text" },
      make("p", { className: "name", textContent: name, title: face.source ?? "", dir: "auto" }),
      make(
        "p",
        { className: "distance small number" },
        make("span", { className: "hidden", textContent: t("match.distance") + " " }),
        distanceText(match.distance),
        meter,
      ),
      tagList,
      make("div", { className: "card-actions" }, more, compare, actions.readOnly ? null : forget),
    ),
  );
}

/**
 * Marks every card: with what the server said, or by its distance where another threshold is set.
 * Even then one name at most is the same person: that of the nearest card with a name.
 */
export function mark(threshold, own) {
  const all = cards();
  const named = all.filter((one) => one.dataset.person);
  named.sort((a, b) => a.dataset.distance - b.dataset.distance);
  const nearest = named[0]?.dataset.person;
  for (const one of all) {
    let decision = one.dataset.said;
    if (threshold !== own.distance) {
      decision = decide(Number(one.dataset.distance), threshold, own.differentBeyond);
      if (decision === "SAME" && one.dataset.person && one.dataset.person !== nearest) {
        decision = "UNSURE";
      }
    }
    one.dataset.decision = decision;
    const badge = one.querySelector(".badge");
    badge.replaceChildren(
      make("span", { textContent: SIGNS[decision] }),
      ` ${t(`decision.${decision}`)}`,
    );
    badge.firstChild.setAttribute("aria-hidden", "true");
    one.querySelector(".meter").style.setProperty("--threshold", `${(threshold / FARTHEST) * 100}%`);
  }
}

/** What share of pairs of strangers is at most this far apart, or null if that is not known. */
export function falseAcceptRate(threshold, info) {
  const points = info.rates;
  if (points.length === 0) {
    return threshold === info.threshold.distance ? info.threshold.falseAcceptRate : null;
  }
  const after = points.findIndex((point) => point.distance >= threshold);
  if (after < 0) {
    return null;
  }
  const b = points[after];
  const a = points[Math.max(0, after - 1)];
  if (b.distance === a.distance || b.falseAccept === 0 || a.falseAccept === 0) {
    return b.falseAccept;
  }
  const share = (threshold - a.distance) / (b.distance - a.distance);
  return Math.exp(
    (1 - share) * Math.log(a.falseAccept) + share * Math.log(b.falseAccept),
  );
}

const rough = (value) => number(value, { maximumSignificantDigits: 2 });

export function rateText(threshold, gallery, info, faces) {
  const t0 = info.threshold;
  if (t0.falseAcceptRate === 1) {
    return t("rate.not-calibrated");
  }
  if (threshold === t0.distance && gallery) {
    if (gallery.distance < 0.001) {
      return t("rate.nobody");
    }
    return t("rate.search", {
      rate: number(gallery.falseAcceptRate, { style: "percent", maximumSignificantDigits: 2 }),
      people: gallery.gallerySize,
    });
  }
  if (t0.gallerySize > 1) {
    return t("rate.unknown");
  }
  const rate = falseAcceptRate(threshold, info);
  if (rate === null) {
    return t("rate.unknown");
  }
  if (rate === 0) {
    return t("rate.none");
  }
  const text =
    rate >= 0.1
      ? t("rate.share", { rate: number(rate, { style: "percent", maximumSignificantDigits: 2 }) })
      : t("rate.pairs", { count: rough(1 / rate) });
  const expected = t("rate.gallery", { faces, expected: rough(rate * faces) });
  const on = t("rate.measured", { on: info.ratesCalibratedOn ?? t0.calibratedOn });
  return `${text} ${expected} ${on}`;
}

export function summary(result, milliseconds, shown) {
  const parts = [
    t("summary.matches", { n: shown }),
    t("summary.time", { ms: number(milliseconds.search, { maximumSignificantDigits: 2 }) }),
    t(result.exact ? "summary.exact" : "summary.approximate", {
      plan: t(`plan.${result.plan}`),
    }),
    t("summary.faces", { n: result.gallerySize }),
  ];
  if (milliseconds.detect != null) {
    const photo = milliseconds.read + milliseconds.detect + milliseconds.embed;
    parts.push(t("summary.photo", { ms: number(photo, { maximumFractionDigits: 0 }) }));
  }
  return parts.join(" · ");
}
