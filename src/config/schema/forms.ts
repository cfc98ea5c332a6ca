import * as v from "valibot";

/**
 * A block of known keys. Any other key is an error, and so is a list, which valibot itself would take for an empty block.
 *
 * `requirement` carries the entries into the issue, so that the message can name the key that was meant.
 */
export function block<const E extends v.ObjectEntries>(entries: E) {
  const base = { ...v.strictObject(entries, "a block of keys"), requirement: entries };
  const run: (typeof base)["~run"] = ({ value }, config) =>
    base["~run"]({ value: withoutUndefined(value) }, config);
  return refuseLists({ ...base, "~run": run });
}

/** Programs write keys without a value where a file has none. */
function withoutUndefined(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (!Object.values(value).includes(undefined)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}

type TextSchema = v.BaseSchema<string, string, v.BaseIssue<unknown>>;

/** Values by freely chosen names. */
export function mapOf<const K extends TextSchema, const S extends v.GenericSchema>(key: K, value: S) {
  return refuseLists(v.record(key, value, "a block of names"));
}

/** A list of any length. */
export function listOf<const S extends v.GenericSchema>(item: S) {
  return v.array(item, "a list");
}

/** A list with something in it. */
export function someOf<const S extends v.GenericSchema>(item: S) {
  return v.pipe(listOf(item), v.minLength(1, "at least one entry"));
}

function pickList(input: unknown): number {
  return Array.isArray(input) ? 1 : 0;
}

/** One value or a list of them; always a list in the output. */
export function oneOrMany<const S extends v.GenericSchema>(item: S) {
  const either = choice([item, someOf(item)], pickList, (message) => `${message}; one or a list of them`);
  return v.pipe(
    either,
    v.transform((value) => (Array.isArray(value) ? value : [value]) as v.InferOutput<S>[]),
  );
}

type ToAllowed = (message: string) => string;

/**
 * A union that picks its member by a look at the value, so that errors speak of the form that was meant. `toAllowed`
 * adds to a refusal of the whole value what the other members would take.
 */
export function choice<const O extends [v.GenericSchema, ...v.GenericSchema[]]>(
  options: O,
  pick: (input: unknown) => number,
  toAllowed: ToAllowed = (message) => message,
) {
  const union = v.union(options);
  const run: (typeof union)["~run"] = (dataset, config) => {
    const picked = (options[pick(dataset.value)] ?? options[0])["~run"](dataset, config);
    for (const issue of (picked.issues ?? []).filter(({ path }) => path === undefined)) {
      Object.assign(issue, { message: toAllowed(issue.message) });
    }
    return picked;
  };
  return { ...union, "~run": run };
}

function pickOff(input: unknown): number {
  return input === "off" || input === false ? 0 : 1;
}

const off = v.pipe(
  v.union([v.literal("off"), v.literal(false)], "off"),
  v.transform((): false => false),
);

/** `off` (or `false`), which comes out as false, or what the schema says. */
export function offOr<const S extends v.GenericSchema>(schema: S) {
  return choice([off, schema], pickOff, (message) => `off, or ${message}`);
}

/** One of the words. */
export function wordOf<const W extends readonly [string, ...string[]]>(...words: W) {
  return v.picklist(words, words.join(", "));
}

/** One of the words, where `off` may also be said as false. */
export function modeOf<const W extends readonly [string, ...string[]]>(...words: W) {
  const falseAsOff = v.pipe(
    v.literal(false),
    v.transform((): "off" => "off"),
  );
  return choice([wordOf("off", ...words), falseAsOff], (input) => (input === false ? 1 : 0));
}

const flagWords = v.pipe(
  v.picklist(["true", "false"], "true or false"),
  v.transform((text) => text === "true"),
);

/** True or false; as text too, because a replaced `${NAME}` is a text. */
export const flag = choice([v.boolean("true or false"), flagWords], (input) =>
  typeof input === "string" ? 1 : 0,
);

type Range = { readonly min: number; readonly max: number };

/** A whole number of the range; as text too, because a replaced `${NAME}` is a text. */
export function wholeNumber({ min, max }: Range) {
  const allowed = `a whole number from ${min} to ${max}`;
  const plain = v.pipe(
    v.number(allowed),
    v.integer(allowed),
    v.minValue(min, allowed),
    v.maxValue(max, allowed),
  );
  const digits = v.pipe(
    v.string(allowed),
    v.metadata({ pattern: "^\\d+$" }),
    v.regex(/^\d{1,15}$/, allowed),
    v.transform(Number),
    plain,
  );
  return choice([plain, digits], (input) => (typeof input === "string" ? 1 : 0));
}

/** Any text; in YAML a number or `true` needs quotes to be one. */
export const text = v.string("a text (in quotes, where YAML reads a number or a word of its own)");

/** A text with something in it. */
export const someText = v.pipe(text, v.minLength(1, "a text that is not empty"));

type Reading<T> = {
  readonly allowed: string;
  /** For editors only: `parse` decides. */
  readonly pattern: string;
  readonly parse: (text: string) => T | undefined;
};

/** A text that is read into a value; `parse` gives undefined for what is not allowed. */
export function parsed<T>({ allowed, pattern, parse }: Reading<T>) {
  return v.pipe(
    v.string(allowed),
    v.metadata({ pattern }),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const value = parse(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message: allowed });
      return NEVER;
    }),
  );
}

/** A text that stays as it is when `isAllowed` agrees. */
export function checked<T extends string = string>(allowed: string, isAllowed: (text: string) => boolean) {
  return v.pipe(
    v.string(allowed),
    v.check(isAllowed, allowed),
    v.transform((value) => value as T),
  );
}

/** The same schema, but a list is not an object for it. */
export function refuseLists<const S extends v.GenericSchema>(schema: S): S {
  const run: v.GenericSchema["~run"] = (dataset, config) => {
    if (!Array.isArray(dataset.value)) return schema["~run"](dataset, config);
    const list: unknown = dataset.value;
    const refused = schema["~run"]({ value: undefined }, config);
    for (const issue of refused.issues ?? []) Object.assign(issue, { input: list });
    return refused;
  };
  return { ...schema, "~run": run };
}
