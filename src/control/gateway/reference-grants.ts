import { gatewayGroup, type ReferenceGrant } from "./objects.ts";

/** A reference from one object to another, perhaps over the border of a namespace. */
export interface Reference {
  readonly from: { readonly kind: "Gateway" | "HTTPRoute"; readonly namespace: string };
  readonly to: { readonly kind: "Secret" | "Service"; readonly namespace: string; readonly name: string };
}

/** Whether the reference stays in its namespace, or the namespace that it leads to has granted it. */
export function isPermitted({ from, to }: Reference, grants: readonly ReferenceGrant[]): boolean {
  if (from.namespace === to.namespace) return true;
  return grants.some(
    ({ metadata, spec }) =>
      metadata.namespace === to.namespace &&
      spec.from.some(
        ({ group, kind, namespace }) =>
          group === gatewayGroup && kind === from.kind && namespace === from.namespace,
      ) &&
      spec.to.some(
        ({ group, kind, name }) => group === "" && kind === to.kind && (name === "" || name === to.name),
      ),
  );
}
