/** Writes `address:port`, an IPv6 address in brackets. */
export function authorityOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
