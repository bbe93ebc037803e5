// The images of a packed model's weights, from a file beside it.
#pragma once

#include "flow/map/weight_image.h"
#include "flow/model/language_model.h"

#include <string>
#include <vector>

namespace flexcim {

/// Makes the file of images of a packed model (image_file_path) and says so on the standard error. Throws InputError
/// naming it where it cannot be written, and as weight_image does.
void make_image_file(const std::string& packed, const ImageSettings& settings,
                     const std::vector<PackedLinear>& linears);

/// The images of `linears` of a packed model from its file of images, or none at all: they are to be encoded. With
/// `whole`, `linears` are all of the model, and the file is made where the model is large and has none, and anew where
/// it does not fit the model, is damaged or of another version of the program; the standard error says so. Throws as
/// make_image_file does, but where nobody may write beside the model, or another process does, there are no images.
std::vector<MappedVector<std::uint8_t>> cached_images(const std::string& packed, const ImageSettings& settings,
                                                      const LanguageModel& model,
                                                      const std::vector<PackedLinear>& linears, bool whole);

}  // namespace flexcim
