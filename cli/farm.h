/* `wheelfarm farm`: a farm from outside, while it runs or not. */
#pragma once

int command_farm(int argc, char **argv);
