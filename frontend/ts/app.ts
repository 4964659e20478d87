// What pages gain when scripts run. Everything here works without: plain links, forms and buttons stand behind it.

/** Ask the browser to print a page that was opened for printing. */
function printWhenAsked(): void {
  if (document.body.hasAttribute("data-print")) window.print();
}

/** Copy the text that a button names, and say so on the button. */
function copyButtons(event: Event): void {
  const button = (event.target as Element).closest<HTMLButtonElement>("button[data-copy]");
  if (!button) return;
  const source = document.querySelector<HTMLTextAreaElement>(button.dataset.copy!);
  if (!source) return;
  source.select();
  const done = navigator.clipboard ? navigator.clipboard.writeText(source.value) : Promise.resolve(document.execCommand("copy"));
  void Promise.resolve(done).then(() => {
    button.textContent = "已复制";
  });
}

/** Tick or clear all boxes of a list. */
function selectAll(event: Event): void {
  const box = event.target as HTMLInputElement;
  if (!box.matches("input[data-all]")) return;
  for (const one of document.querySelectorAll<HTMLInputElement>(`input[name="${box.dataset.all}"]`)) one.checked = box.checked;
}

/** Save a form as it is typed: a while after the last key, and when a field is left. */
function draftsOf(form: HTMLFormElement): void {
  let timer = 0;
  const save = async (): Promise<void> => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    const mark = form.querySelector("[data-draft-mark]");
    try {
      const answer = await fetch("/drafts/", { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } });
      if (mark) mark.textContent = answer.ok ? await answer.text() : "没有存上，请点“存草稿”再试";
    } catch {
      if (mark) mark.textContent = "没有存上：网络不通，内容还在这一页";
    }
  };
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, 1500);
  });
  form.addEventListener("submit", () => window.clearTimeout(timer));
}

document.addEventListener("click", copyButtons);
document.addEventListener("change", selectAll);
document.addEventListener("DOMContentLoaded", () => {
  printWhenAsked();
  document.querySelectorAll<HTMLFormElement>("form[data-draft]").forEach(draftsOf);
});
