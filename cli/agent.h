/* `wheelfarm agent`: who may build. */
#pragma once

int command_agent(int argc, char **argv);
