/** Every kind of filter by its key, with what makes one of it; undefined where there is nothing to do. */
export type FilterMakers<Config, Tools, Filter> = {
  readonly [Kind in keyof Kinds<Config>]: (config: Kinds<Config>[Kind], tools: Tools) => Filter | undefined;
};

/** What each kind is configured with, by its key: out of a union of objects with one key each. */
export type Kinds<Config> = (Config extends unknown ? (value: Config) => void : never) extends (
  value: infer All,
) => void
  ? All
  : never;

/** Makes the filters of a list, in order: each entry has one key, its kind. */
export function makeFilters<Config extends object, Tools, Filter>(
  configs: readonly Config[],
  makers: FilterMakers<Config, Tools, Filter>,
  tools: Tools,
): readonly Filter[] {
  return configs.flatMap((config) => {
    const [kind, value] = Object.entries(config)[0] as [keyof Kinds<Config>, never];
    const make: (value: never, tools: Tools) => Filter | undefined = makers[kind];
    return make(value, tools) ?? [];
  });
}
