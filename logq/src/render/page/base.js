// What every page does: its commands are copied, and on paper its folds are open.
(() => {
  "use strict";
  // Without a clipboard, or leave to use it, the command is left selected for whoever copies it by hand.
  const byHand = (command) => {
    getSelection().selectAllChildren(command);
    return document.execCommand("copy") ? "Copied" : navigator.userAgent.includes("Mac") ? "Press \u2318C" : "Press Ctrl+C";
  };
  for (const button of document.querySelectorAll(".copy")) {
    const command = button.parentElement.querySelector(".command");
    button.hidden = false;
    button.addEventListener("click", async () => {
      const copied = navigator.clipboard?.writeText(command.textContent).then(() => "Copied", () => byHand(command));
      button.textContent = await (copied ?? byHand(command));
    });
  }
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((fold) => { fold.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((fold) => { fold.open = false; }));
})();
