// The structs that travel on the signals of the pin-accurate macro.
#pragma once
