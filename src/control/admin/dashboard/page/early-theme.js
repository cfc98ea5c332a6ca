// Before anything is drawn: the theme that was chosen here, so that the page does not flash in another one.
try {
  document.documentElement.dataset["theme"] = localStorage.getItem("headgate-theme") ?? "auto";
} catch {
  document.documentElement.dataset["theme"] = "auto";
}
