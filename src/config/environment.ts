/** The variables that `${NAME}` is replaced from. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text after its variables were replaced. */
export type Substitution = {
  readonly text: string;
  /** The variables that stood in the text. */
  readonly names: readonly string[];
  /** What is wrong with the variables of the text. */
  readonly faults: readonly string[];
};

type Groups = [escape: string, name: string, fallback?: string];

const reference = /\$(\$?)\{([A-Za-z_]\w*)(?::-((?:[^}$]|\$(?!\{))*))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:-fallback}`; the fallback also counts when the variable is empty. `$${NAME}` is a literal
 * `${NAME}`. A value is text and nothing else: variables inside it are not replaced again.
 */
export function substitute(text: string, env: Environment): Substitution {
  const [names, faults]: [string[], string[]] = [[], []];
  const replaced = text.replaceAll(reference, (whole: string, ...[escape, name, fallback]: Groups) => {
    if (escape !== "") return whole.slice(1);
    names.push(name);
    const value = valueOf(name, fallback, env);
    if (value === undefined)
      faults.push(`the variable ${name} is not set: set it, or write \${${name}:-fallback}`);
    return value ?? "";
  });
  if (/\$\{[A-Za-z_]/.test(text.replaceAll(reference, ""))) faults.push(malformed);
  return { text: replaced, names, faults };
}

const malformed =
  "cannot read a variable: write ${NAME} or ${NAME:-fallback}, and $${NAME} for a literal ${NAME}";

function valueOf(name: string, fallback: string | undefined, env: Environment): string | undefined {
  const found: unknown = env[name];
  const value = typeof found === "string" ? found : undefined; // a plain object inherits functions by name
  return fallback === undefined ? value : value || fallback;
}
