/* `wheelfarm scan`: read index pages, store what is published. */
#pragma once

int command_scan(int argc, char **argv);
