import { NetfoldError } from '#kernel';

export const noSuchNode = (wanted: string): NetfoldError =>
  new NetfoldError({
    code: 'agent.no_such_node',
    message: `this node knows no ${JSON.stringify(wanted)}`,
    hint: 'see the names it knows with: netfold status',
  });
