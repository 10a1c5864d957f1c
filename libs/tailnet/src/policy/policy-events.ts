export interface PolicyEvents {
  /** The HuJSON as it was given, comments included. */
  AclPublished: { readonly text: string };
}
