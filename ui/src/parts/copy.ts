/** Puts a text on the clipboard. Browsers offer the newer way only over TLS and on this machine. */
export async function copy(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const fill = (event: ClipboardEvent) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", fill, { once: true });
  const done = document.execCommand("copy");
  document.removeEventListener("copy", fill);
  if (!done) throw new Error("The browser did not let the page use the clipboard. Serve the Console over TLS, or select the text and copy it.");
}
