/** What a page of our own is made of; all of it must be harmless in HTML already. */
export type PageParts = {
  readonly title: string;
  readonly style: string;
  readonly body: string;
};

/** Writes a page of our own: one document without outside resources, which search engines leave out. */
export function htmlPage({ title, style, body }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** The address that was asked for, cut where it is too long to show. */
export function showAddress({ host, path }: { readonly host: string; readonly path: string }): string {
  const address = host + path;
  return address.length > maxShown ? `${address.slice(0, maxShown)}…` : address;
}

const maxShown = 160;
