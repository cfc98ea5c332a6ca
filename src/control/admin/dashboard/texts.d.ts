// What `import … with { type: "text" }` gives: files of the dashboard, taken into the program as they are.

declare module "*.js" {
  const text: string;
  export = text;
}

declare module "*.css" {
  const text: string;
  export = text;
}

declare module "*.svg" {
  const text: string;
  export = text;
}
