// What pages gain when scripts run. Everything here works without: plain links, forms and buttons stand behind it.

const SIGN_IN = "登录已超时。请在新窗口重新登录，再回到这一页接着写。";

/** Copy the text that a button names, and say so on the button. */
function copyFrom(button: HTMLButtonElement): void {
  const source = document.querySelector<HTMLTextAreaElement>(button.dataset.copy!);
  if (!source) return;
  source.select();
  const copied = navigator.clipboard ? navigator.clipboard.writeText(source.value) : Promise.resolve(document.execCommand("copy"));
  void Promise.resolve(copied).then(
    () => (button.textContent = "已复制"),
    () => (button.textContent = "没有复制上，请长按选中后复制"),
  );
}

/** Say that something could not be fetched; an empty place would look like "nothing there". */
function tellFault(words: string): void {
  const place = document.getElementById("fault");
  if (!place) return;
  place.className = "dd-note late mb-3";
  place.textContent = words;
}

/** Rows ticked: their number on the bar, and the bar only while there are any. */
function countTicked(bar: HTMLElement): void {
  const boxes = [...document.querySelectorAll<HTMLInputElement>(`input[name="${bar.dataset.bulk}"]`)];
  const ticked = boxes.filter((box) => box.checked);
  bar.hidden = ticked.length === 0;
  bar.querySelector("[data-count]")!.textContent = `已选 ${ticked.length} 项`;
  for (const box of boxes) box.closest("tr")?.classList.toggle("on", box.checked);
  const all = document.querySelector<HTMLInputElement>(`input[data-all="${bar.dataset.bulk}"]`);
  if (all) {
    all.checked = ticked.length > 0 && ticked.length === boxes.length;
    all.indeterminate = ticked.length > 0 && !all.checked;
  }
}

/** Save a form as it is typed: a while after the last key, and when a field is left. */
function draftsOf(form: HTMLFormElement): void {
  const mark = form.querySelector("[data-draft-mark]");
  let timer = 0;
  let changed = false;
  let under = new AbortController();
  const say = (words: string): void => {
    if (mark) mark.textContent = words;
  };
  const save = async (): Promise<void> => {
    window.clearTimeout(timer);
    if (!changed) return;
    changed = false;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    under.abort();
    under = new AbortController();
    try {
      const answer = await fetch("/drafts/", { method: "POST", body: data, headers: { "HX-Request": "true" }, redirect: "manual", signal: under.signal });
      if (answer.ok || answer.status === 422) say(await answer.text());
      else say(answer.status === 401 || answer.type === "opaqueredirect" ? SIGN_IN : "没有存上，请点“存草稿”再试");
    } catch (error) {
      if ((error as Error).name === "AbortError") return;
      changed = true;
      say("没有存上：网络不通，内容还在这一页");
    }
  };
  form.addEventListener("input", () => {
    changed = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void save(), 2000);
  });
  form.addEventListener("focusout", () => void save());
  // What is sent for good must not come back as a draft.
  form.addEventListener("submit", () => {
    changed = false;
    window.clearTimeout(timer);
    under.abort();
  });
}

/** Prepare what was just loaded or swapped in. */
function prepare(root: ParentNode): void {
  root.querySelectorAll<HTMLFormElement>("form[data-draft]").forEach(draftsOf);
  root.querySelectorAll<HTMLElement>("[data-bulk]").forEach(countTicked);
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("button[data-copy]");
  if (button) copyFrom(button);
});
document.addEventListener("change", (event) => {
  const box = event.target as HTMLInputElement;
  const all = box.dataset.all;
  if (all) for (const one of document.querySelectorAll<HTMLInputElement>(`input[name="${all}"]`)) one.checked = box.checked;
  document.querySelectorAll<HTMLElement>("[data-bulk]").forEach(countTicked);
});
document.addEventListener("reset", () => window.setTimeout(() => document.querySelectorAll<HTMLElement>("[data-bulk]").forEach(countTicked)));
document.addEventListener("htmx:responseError", (event) => {
  const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
  tellFault(status === 401 ? SIGN_IN : `没有取到（${status}），页上还是原来的内容。请刷新再试。`);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  // Signed out meanwhile: the answer is the sign-in page, not the part that was asked for.
  const detail = (event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean }>).detail;
  if (!detail.xhr.responseURL.includes("/sign-in/")) return;
  detail.shouldSwap = false;
  tellFault(SIGN_IN);
});
document.addEventListener("htmx:sendError", () => tellFault("网络不通，页上还是原来的内容。请检查网络后再试。"));
document.addEventListener("htmx:afterSwap", (event) => prepare((event.target as Element).parentElement ?? document));
document.addEventListener("DOMContentLoaded", () => {
  prepare(document);
  // A mistake was made: go to the list of them, which links to the fields.
  document.querySelector<HTMLElement>("form[method=post] #errors")?.focus();
  if (document.body.hasAttribute("data-print")) window.print();
});
window.addEventListener("load", () => {
  // Where source and form stand side by side, the words in question are brought into sight beside the form.
  const beside = document.querySelector(".dd-beside") && window.matchMedia("(min-width:992px)").matches;
  if (beside && location.hash === "#point") document.querySelector(".dd-src .now")?.scrollIntoView({ block: "center" });
});
