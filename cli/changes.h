/* `wheelfarm changes`: what changed between two scans. */
#pragma once

int command_changes(int argc, char **argv);
