/** Whether a text is a name that DNS can be asked for; a dot at its end says that it is whole. */
export function isDnsName(text: string): boolean {
  const labels = text.replace(/\.$/, "").split(".");
  return text.length < 254 && labels.every((label) => /^[a-z0-9_]([\w-]{0,61}[a-z0-9])?$/i.test(label));
}

/** Whether the servers of a name are asked for by SRV records, which say their ports too. */
export function asksForServices({ name, type }: { readonly name: string; readonly type: string }): boolean {
  return type === "SRV" || (type === "auto" && /^_[^.]+\._(tcp|udp)\./i.test(name));
}
