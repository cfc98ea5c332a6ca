/** Facts of a log line, written as key=value; undefined ones are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** What the control plane has to say to whoever runs it. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Where lines go and where their time comes from. */
export interface LogOptions {
  readonly write: (line: string) => void;
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
}

/** Creates a log of one line an event: time, level, message, key=value. Passwords in URLs are never written. */
export function createLog({ write, now }: LogOptions): Log {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const line = [new Date(now()).toISOString(), level, message, ...describeFields(fields)].join(" ");
      write(`${redactUserinfo(line.replaceAll(/[\r\n]+/g, " · "))}\n`);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** Replaces the user and password of every URL in a text by `***`. */
export function redactUserinfo(text: string): string {
  return text.replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, "$1***@");
}

function describeFields(fields: LogFields): string[] {
  return Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${quote(value)}`],
  );
}

function quote(value: string | number | boolean): string {
  const text = String(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
