/* `wheelfarm recipe`: the recipe tree: list, lint, and what scripts ask of it. */
#pragma once

int command_recipe(int argc, char **argv);
