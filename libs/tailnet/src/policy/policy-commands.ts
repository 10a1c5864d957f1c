export interface PolicyCommands {
  PublishAcl: {
    readonly text: string;
    /** Refuse when a policy was published after this revision: the edit began there. */
    readonly base?: number | undefined;
  };
}
