/** The states of a number (RFC 8259, section 6); 0 = none. */
const NONE = 0;
const MINUS = 1;
const ZERO = 2;
const WHOLE = 3;
const POINT = 4;
const FRACTION = 5;
const E = 6;
const SIGN = 7;
const EXPONENT = 8;

type Step = Readonly<Partial<Record<"zero" | "digit" | "point" | "e" | "plus" | "minus", number>>>;

const digits = (state: number): Step => ({ zero: state, digit: state });

const steps: readonly Step[] = [
  { minus: MINUS, zero: ZERO, digit: WHOLE },
  { zero: ZERO, digit: WHOLE },
  { point: POINT, e: E },
  { ...digits(WHOLE), point: POINT, e: E },
  digits(FRACTION),
  { ...digits(FRACTION), e: E },
  { ...digits(EXPONENT), plus: SIGN, minus: SIGN },
  digits(EXPONENT),
  digits(EXPONENT),
];

/** One row of 256 bytes a state: what the state is behind that byte. */
const table = Uint8Array.from({ length: steps.length * 256 }, (_, at) => {
  const kind = kindOf(at % 256);
  return kind === undefined ? NONE : (steps[at >> 8]?.[kind] ?? NONE);
});

/** The state behind a number's first byte; 0 where no number begins so. */
export function numberStateOf(byte: number): number {
  return table[byte] ?? NONE;
}

/** The state behind the next byte; 0 where it does not belong to the number. */
export function nextNumberState(state: number, byte: number): number {
  return table[state * 256 + byte] ?? NONE;
}

/** Whether a number may end here. */
export function isWholeNumber(state: number): boolean {
  return state === ZERO || state === WHOLE || state === FRACTION || state === EXPONENT;
}

function kindOf(byte: number): keyof Step | undefined {
  if (byte === 0x30) return "zero";
  if (byte > 0x30 && byte <= 0x39) return "digit";
  const signs: Readonly<Record<string, keyof Step>> = {
    ".": "point",
    e: "e",
    E: "e",
    "+": "plus",
    "-": "minus",
  };
  return signs[String.fromCharCode(byte)];
}
