// Who is in the gallery.

import * as api from "./api.js";
import { t } from "./i18n.js";
import { $, make, show } from "./dialogs.js";

const PAGE = 60;

export function setUp(actions) {
  const dialog = $("people-dialog");
  const list = $("people-list");
  const filter = $("people-filter");
  let offset = 0;
  let asked = 0;

  async function load(again) {
    const mine = ++asked;
    if (again) {
      offset = 0;
    }
    const answer = await api.people(filter.value, offset, PAGE);
    if (mine !== asked) {
      return; // a later question is on its way
    }
    if (again) {
      list.replaceChildren();
    }
    offset += answer.people.length;
    list.append(...answer.people.map(entry));
    $("people-count").textContent = t("people.count", { n: answer.total });
    show($("people-more"), offset < answer.total);
  }

  function entry(person) {
    const picture = make("img", {
      src: api.photoOf(person.face),
      alt: "",
      width: 48,
      height: 48,
      loading: "lazy",
    });
    picture.addEventListener("error", () => picture.classList.add("unseen"));
    const search = make("button", {
      type: "button",
      className: "quiet",
      textContent: t("people.search"),
    });
    search.setAttribute("aria-label", t("match.more-of", { person: person.name }));
    search.addEventListener("click", () => {
      dialog.close();
      actions.search(person);
    });
    const forget = make("button", {
      type: "button",
      className: "quiet",
      textContent: t("match.forget"),
    });
    forget.setAttribute("aria-label", t("forget.title", { person: person.name }));
    forget.addEventListener("click", () => actions.forget(person, () => load(true)));
    return make(
      "li",
      {},
      picture,
      make(
        "span",
        { className: "grow" },
        make("span", { className: "name", textContent: person.name }),
        make("span", { className: "muted small", textContent: t("people.faces", { n: person.faces }) }),
      ),
      search,
      actions.readOnly() ? null : forget,
    );
  }

  $("open-people").addEventListener("click", () => {
    filter.value = "";
    list.replaceChildren();
    dialog.showModal();
    load(true);
  });
  $("people-more").addEventListener("click", () => load(false));
  filter.addEventListener("input", () => load(true));
}
