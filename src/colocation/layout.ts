// Where the nanokernel lies: in the firmware's place, from the start of RAM to the configuration block.
import { constants } from '../../images/index.ts';
import { RAM_BASE } from '../machine/board.ts';

export const NANOKERNEL = { base: RAM_BASE, size: constants.CONFIG_BASE - RAM_BASE };
