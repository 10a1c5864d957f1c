#!/usr/local/bin/node
// The `netfold` command of the image. There is no shell in it, and node takes the place of this script: as process 1 it
// gets the signals itself. NODE_OPTIONS of the image carries what the launcher would have added.
'use strict';
import('/opt/netfold/package/dist/apps/cli/src/main.js');
