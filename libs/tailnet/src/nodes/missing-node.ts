import type { Problem } from '#kernel';

export const missingNode = (nodeId: string): Problem => ({
  code: 'node.unknown',
  message: `there is no node ${nodeId}`,
  where: 'nodeId',
});
