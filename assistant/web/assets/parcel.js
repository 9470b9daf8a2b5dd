// What the server hands over becomes a file on the visitor's own disk.
watch("value", () => {
  const text = element.querySelector("pre")?.textContent;
  if (!text) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "知答-我的记录.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  element.querySelector("pre").remove();
});
