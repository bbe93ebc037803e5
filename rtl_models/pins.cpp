#include "rtl_models/pins.h"
