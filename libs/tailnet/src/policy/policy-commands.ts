export interface PolicyCommands {
  PublishAcl: { readonly text: string };
}
