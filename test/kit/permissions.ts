import process from "node:process";

/**
 * The command that a program is started by so that the permissions of files hold for it. Root may write everything; here it
 * stays root, and cannot get that right (CAP_DAC_OVERRIDE) any more. Needs setpriv of util-linux.
 */
export const underPermissions: readonly string[] =
  process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] : [];
