/* `wheelfarm report`: the dashboard as files. */
#pragma once

int command_report(int argc, char **argv);
