#pragma once

int command_check(int argc, char **argv);
