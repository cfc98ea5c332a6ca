import { connect } from "node:net";

/** Opens and closes a TCP connection; false where that takes longer than `timeoutMs` or fails. */
export function canConnect(
  address: { readonly hostname: string; readonly port: number },
  timeoutMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.hostname, port: address.port });
    const settle = (isOpen: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isOpen);
    };
    const timer = setTimeout(settle, timeoutMs, false);
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
