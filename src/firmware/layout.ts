// Where the firmware lies: from the start of RAM to the configuration block.
import { RAM_BASE } from '../machine/board.ts';
import { constants } from '../../images/index.ts';

export const FIRMWARE = { base: RAM_BASE, size: constants.CONFIG_BASE - RAM_BASE };
