#include <nuphi/models/canonical.h>
