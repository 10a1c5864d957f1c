#!/usr/bin/env node
// The `netfold` command on any Node ≥ 18: hands over to the launcher, which finds the pinned Node.
'use strict';
process.argv.splice(2, 0, 'dist/apps/cli/src/main.js');
require('../../../infra/launch/launch.cjs');
