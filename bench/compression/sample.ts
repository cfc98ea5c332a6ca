/** JSON as an API would answer it: names repeat, values do not. The same bytes in every run. */
export function sampleJson(bytes: number): string {
  const rows: string[] = [];
  for (let id = 1, length = 0; length < bytes; id++) {
    const seed = Math.imul(id, 2_654_435_761) >>> 0;
    const row = JSON.stringify({
      id,
      uid: seed.toString(36) + Math.imul(seed, 40_503).toString(16),
      name: `${names[seed % names.length]} ${names[(seed >>> 7) % names.length]}`,
      email: `user${seed % 10_000}@example.com`,
      price: (seed % 100_000) / 100,
      tags: tags.slice(seed % 3, 2 + (seed % 4)),
      createdAt: new Date(1_700_000_000_000 + (seed % 1e9)).toISOString(),
      isActive: seed % 2 === 0,
    });
    rows.push(row);
    length += row.length + 1;
  }
  return `[${rows.join()}]`.slice(0, bytes);
}

const names = ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Leslie", "Radia", "Tim", "Vint", "Margaret"];
const tags = ["new", "sale", "books", "garden", "fragile", "heavy"];
