#include "layers/table/errors.h"

#include <doctest/doctest.h>

// Errors in layers, and the whole text that reports them.
namespace lucid::test {
namespace {

const std::string kCount = "an integer from 1 to 16777216";
const std::string kFeatures = "an integer from 1 to 1099511627776";
const std::string kExtents = "an integer from 1 to 1048576 or [d, h, w] of them";
const std::string kPadding = "an integer from 0 to 1048576 or [d, h, w] of them";
const std::string kConv = R"("out_channels": 2, "kernel_size": 3, )";

}  // namespace

TEST_CASE("a convolution names what is wrong with its channels and its kernel") {
  const std::string conv = ": layer 'conv3d_1' (Conv3D): ";
  check(
      "Conv3D",
      {{R"("kernel_size": 3)", ": expected the key 'out_channels' (" + kCount + "), found none"},
       {R"("out_channels": 2)", ": expected the key 'kernel_size' (" + kExtents + "), found none"},
       {R"("kernel_size": 3, "out_channels": 0)",
        "/out_channels: expected " + kCount + ", found 0"},
       {R"("kernel_size": 3, "out_channels": 2.5)",
        "/out_channels: expected " + kCount + ", found 2.5"},
       {R"("kernel_size": 3, "out_channels": 9999999999999)",
        "/out_channels: expected " + kCount + ", found 9999999999999"},
       {kConv + R"("in_channels": -1)", "/in_channels: expected " + kCount + ", found -1"},
       {kConv + R"("in_channels": "4")", "/in_channels: expected " + kCount + ", found '4'"},
       {kConv + R"("in_channels": 3)",
        "/in_channels" + conv + "expected 4, the channels of its input, found 3"},
       {R"("out_channels": 2, "kernel_size": 0)",
        "/kernel_size: expected " + kExtents + ", found 0"},
       {R"("out_channels": 2, "kernel_size": [3, 3])",
        "/kernel_size: expected " + kExtents + ", found [3,3]"},
       {R"("out_channels": 2, "kernel_size": [3, 0, 3])",
        "/kernel_size: expected " + kExtents + ", found [3,0,3]"},
       {R"("out_channels": 2, "kernel_size": "3")",
        "/kernel_size: expected " + kExtents + ", found '3'"},
       {R"("out_channels": 2, "kernel_size": null)",
        "/kernel_size: expected " + kExtents + ", found null"},
       {R"("out_channels": 2, "kernel_size": 9)",
        conv + "a window of 9x9x9 voxels does not fit the padded input of 8x8x8: the output would "
               "be empty; nearest sizes that fit: d 9, h 9, w 9"},
       {R"("out_channels": 2, "kernel_size": [3, 9, 3], "padding": [0, 0, 1])",
        conv + "a window of 3x9x3 voxels does not fit the padded input of 8x8x10: the output would "
               "be empty; nearest sizes that fit: h 9"}});
}

TEST_CASE("a convolution names what is wrong with its stride, padding and dilation") {
  check(
      "Conv3D",
      {{kConv + R"("stride": 0)", "/stride: expected " + kExtents + ", found 0"},
       {kConv + R"("stride": [1, 2, 3, 4])", "/stride: expected " + kExtents + ", found [1,2,3,4]"},
       {kConv + R"("padding": -1)", "/padding: expected " + kPadding + ", found -1"},
       {kConv + R"("padding": [1, 2])", "/padding: expected " + kPadding + ", found [1,2]"},
       {kConv + R"("padding": "full")",
        "/padding: expected 'same', 'valid', an integer >= 0 or [d, h, w] of them, found 'full'"},
       {kConv + R"("padding": "Same")",
        "/padding: expected 'same', 'valid', an integer >= 0 or [d, h, w] of them, found 'Same'; "
        "did you mean 'same'?"},
       {kConv + R"("padding": "same", "stride": 2)",
        "/padding: expected numbers where the stride is not 1, found 'same'"},
       {kConv + R"("padding": "same", "stride": [1, 1, 2])",
        "/padding: expected numbers where the stride is not 1, found 'same'"},
       {kConv + R"("dilation": 0)", "/dilation: expected " + kExtents + ", found 0"},
       {kConv + R"("dilation": 4)",
        ": layer 'conv3d_1' (Conv3D): a window of 9x9x9 voxels does not fit the padded input of "
        "8x8x8: the output would be empty; nearest sizes that fit: d 9, h 9, w 9"}});
}

TEST_CASE("a convolution names what is wrong with its groups, bias and PyTorch's other arguments") {
  check(
      "Conv3D",
      {{kConv + R"("groups": 0)", "/groups: expected " + kCount + ", found 0"},
       {kConv + R"("groups": 4)", "/groups: expected a divisor of the 2 output channels, found 4"},
       {R"("kernel_size": 3, "out_channels": 6, "groups": 3)",
        "/groups: layer 'conv3d_1' (Conv3D): expected a divisor of the 4 input channels, found 3"},
       {kConv + R"("bias": 1)", "/bias: expected true or false, found 1"},
       {kConv + R"("bias": "false")", "/bias: expected true or false, found 'false'"},
       {kConv + R"("padding_mode": "circular")",
        "/padding_mode: expected one of zeros, reflect, replicate, found 'circular'"},
       {kConv + R"("padding": [7, 8, 0], "padding_mode": "reflect")",
        "/padding: layer 'conv3d_1' (Conv3D): expected less than the input of 8x8x8 voxels, which "
        "'reflect' pads, found 7x8x0"},
       {kConv + R"("device": "cuda")",
        "/device: expected null (the only value supported), found 'cuda'"},
       {kConv + R"("dtype": "float64")",
        "/dtype: expected null (the only value supported), found 'float64'"},
       {kConv + R"("strde": 2)", "/strde: unknown key; did you mean 'stride'?"}});
}

TEST_CASE("a transposed convolution names what is wrong with each of its arguments") {
  const std::string layer = ": layer 'convtranspose3d_1' (ConvTranspose3D): ";
  check(
      "ConvTranspose3D",
      {{R"("kernel_size": 3)", ": expected the key 'out_channels' (" + kCount + "), found none"},
       {R"("out_channels": 2)", ": expected the key 'kernel_size' (" + kExtents + "), found none"},
       {kConv + R"("in_channels": 3)",
        "/in_channels" + layer + "expected 4, the channels of its input, found 3"},
       {kConv + R"("stride": 0)", "/stride: expected " + kExtents + ", found 0"},
       {kConv + R"("padding": "same")", "/padding: expected " + kPadding + ", found 'same'"},
       {kConv + R"("padding": 9)",
        layer + "a padding of 9x9x9 leaves nothing of the output of an input of 8x8x8; nearest "
                "sizes that fit: d 17, h 17, w 17"},
       {kConv + R"("dilation": 0)", "/dilation: expected " + kExtents + ", found 0"},
       {kConv + R"("output_padding": -1)", "/output_padding: expected " + kPadding + ", found -1"},
       {kConv + R"("output_padding": 1)",
        "/output_padding: expected less than the stride 1x1x1 or the dilation 1x1x1, found 1x1x1"},
       {kConv + R"("stride": [3, 2, 1], "dilation": [1, 1, 3], "output_padding": [2, 2, 2])",
        "/output_padding: expected less than the stride 3x2x1 or the dilation 1x1x3, found 2x2x2"},
       {kConv + R"("groups": 4)", "/groups: expected a divisor of the 2 output channels, found 4"},
       {R"("kernel_size": 3, "out_channels": 6, "groups": 3)",
        "/groups" + layer + "expected a divisor of the 4 input channels, found 3"},
       {kConv + R"("bias": 1)", "/bias: expected true or false, found 1"},
       {kConv + R"("padding_mode": "reflect")",
        "/padding_mode: expected 'zeros' (the only value supported), found 'reflect'"},
       {kConv + R"("device": "cuda")",
        "/device: expected null (the only value supported), found 'cuda'"},
       {kConv + R"("out_padding": 1)",
        "/out_padding: unknown key; did you mean 'output_padding'?"}});
}

TEST_CASE("a max pool names what is wrong with each of its arguments") {
  check(
      "MaxPool3D",
      {{R"("padding": 0)", ": expected the key 'kernel_size' (" + kExtents + "), found none"},
       {R"("kernel_size": true)", "/kernel_size: expected " + kExtents + ", found true"},
       {R"("kernel_size": 2, "stride": 0)", "/stride: expected " + kExtents + ", found 0"},
       {R"("kernel_size": 2, "padding": -1)", "/padding: expected " + kPadding + ", found -1"},
       {R"("kernel_size": 2, "padding": "same")",
        "/padding: expected " + kPadding + ", found 'same'"},
       {R"("kernel_size": 3, "padding": 2)",
        "/padding: expected at most half of the kernel 3x3x3, found 2x2x2"},
       {R"("kernel_size": [2, 2, 4], "padding": [1, 1, 3])",
        "/padding: expected at most half of the kernel 2x2x4, found 1x1x3"},
       {R"("kernel_size": 2, "dilation": 0)", "/dilation: expected " + kExtents + ", found 0"},
       {R"("kernel_size": 2, "ceil_mode": "yes")",
        "/ceil_mode: expected true or false, found 'yes'"},
       {R"("kernel_size": 2, "return_indices": true)",
        "/return_indices: expected false (the only value supported), found true"},
       {R"("kernel_size": 2, "ceilmode": true)",
        "/ceilmode: unknown key; did you mean 'ceil_mode'?"},
       {R"("kernel_size": 9)",
        ": layer 'maxpool3d_1' (MaxPool3D): a window of 9x9x9 voxels does not fit the padded input "
        "of 8x8x8: the output would be empty; nearest sizes that fit: d 9, h 9, w 9"}});
}

TEST_CASE("an upsampling names what is wrong with each of its arguments") {
  const std::string extents = "an integer from 1 to 16777216 or [d, h, w] of them";
  const std::string factor = "a number > 0 and <= 1048576";
  check(
      "Upsample",
      {{R"("mode": "nearest")", ": expected size or scale_factor, found neither"},
       {R"("size": 4, "scale_factor": 2)",
        "/scale_factor: expected either size or scale_factor, found both"},
       {R"("size": 0)", "/size: expected " + extents + ", found 0"},
       {R"("scale_factor": 0)", "/scale_factor: expected " + factor + ", found 0"},
       {R"("scale_factor": [2, 2])",
        "/scale_factor: expected a number > 0 or [d, h, w], found [2,2]"},
       {R"("scale_factor": [2, 2, -1])",
        "/scale_factor: expected a list of numbers, each " + factor + ", found [2,2,-1]"},
       {R"("scale_factor": 0.1)",
        ": layer 'upsample_1' (Upsample): the scale_factor leaves nothing of an input of 8x8x8: "
        "the output would be empty; nearest sizes that fit: d 10, h 10, w 10"},
       {R"("scale_factor": 2, "mode": "linear")",
        "/mode: expected one of nearest, trilinear, found 'linear'"},
       {R"("scale_factor": 2, "align_corners": true)",
        "/align_corners: expected it with mode 'trilinear' only"},
       {R"("scale_factor": 2, "mode": "trilinear", "align_corners": 1)",
        "/align_corners: expected true or false, found 1"},
       {R"("scale_factor": 2, "recompute_scale_factor": true)",
        "/recompute_scale_factor: expected null (the only value supported), found true"},
       {R"("size": 2, "scale": 2)",
        "/scale: unknown key; known: type, name, inputs, size, scale_factor, mode, align_corners, "
        "recompute_scale_factor"}});
}

TEST_CASE("a linear layer names what is wrong with each of its arguments") {
  check("Linear",
        {{R"("bias": true)", ": expected the key 'out_features' (" + kFeatures + "), found none"},
         {R"("out_features": 0)", "/out_features: expected " + kFeatures + ", found 0"},
         {R"("out_features": [3])", "/out_features: expected " + kFeatures + ", found [3]"},
         {R"("out_features": 3, "in_features": 0)",
          "/in_features: expected " + kFeatures + ", found 0"},
         {R"("out_features": 3, "in_features": 4)",
          "/in_features: layer 'linear_1' (Linear): expected 2048, the elements of its input "
          "4x8x8x8, found 4"},
         {R"("out_features": 3, "bias": 0)", "/bias: expected true or false, found 0"},
         {R"("out_features": 3, "dtype": "float64")",
          "/dtype: expected null (the only value supported), found 'float64'"},
         {R"("out_features": 3, "kernel_size": 3)",
          "/kernel_size: unknown key; known: type, name, inputs, in_features, out_features, bias, "
          "device, dtype"}});
}

TEST_CASE("relu and flatten take PyTorch's arguments at their defaults only") {
  check("ReLU",
        {{R"("inplace": true)", "/inplace: expected false (the only value supported), found true"},
         {R"("slope": 0.1)", "/slope: unknown key; known: type, name, inputs, inplace"}});
  check("Flatten",
        {{R"("start_dim": 2)", "/start_dim: expected 1 (the only value supported), found 2"},
         {R"("end_dim": 2)", "/end_dim: expected -1 (the only value supported), found 2"}});
}

TEST_CASE("PyTorch's other arguments of layers are accepted at their defaults") {
  const std::string conv = R"({"type": "Conv3d", )" + kConv;
  CHECK(errors_in(conv + R"("padding_mode": "zeros", "device": null, "dtype": null})") == "");
  CHECK(errors_in(R"({"type": "MaxPool3d", "kernel_size": 2, "stride": null,
                        "return_indices": false})") == "");
  CHECK(errors_in(R"({"type": "ReLU", "inplace": false})") == "");
  CHECK(errors_in(R"({"type": "Flatten", "start_dim": 1, "end_dim": -1})") == "");
}

TEST_CASE("a layer over volumes refuses a flat input") {
  CHECK(
      errors_in(
          R"({"type": "Flatten"}, {"type": "Conv3D", "out_channels": 2, "kernel_size": 1})") ==
      "model.json: /layers/1: layer 'conv3d_1' (Conv3D): expected an input of (C, D, H, W), found "
      "2048");
  CHECK(
      errors_in(
          R"({"type": "Linear", "out_features": 3}, {"type": "MaxPool3D", "kernel_size": 1})") ==
      "model.json: /layers/1: layer 'maxpool3d_1' (MaxPool3D): expected an input of (C, D, H, W), "
      "found 3");
}

TEST_CASE("all mistakes are reported, and none that only follows from another") {
  CHECK(errors_in(R"({"type": "Conv3D", "out_channels": 0, "kernel_size": 3, "strde": 1},
                       {"type": "Linear", "in_features": 1, "out_features": 1},
                       {"type": "MaxPool3D", "kernel_size": [1]})") ==
        "model.json: /layers/0/out_channels: expected " + kCount + ", found 0\n" +
            "model.json: /layers/0/strde: unknown key; did you mean 'stride'?\n" +
            "model.json: /layers/2/kernel_size: expected " + kExtents + ", found [1]");
}

TEST_CASE("a misspelled required key is one mistake") {
  CHECK(errors_in(R"({"type": "Conv3D", "out_channels": 2, "kernel_sise": 3})") ==
        "model.json: /layers/0/kernel_sise: unknown key; did you mean 'kernel_size'?");
}

TEST_CASE("the known keys are listed once each") {
  CHECK(errors_in(R"({"type": "Conv3D", "out_channels": 2, "kernel_size": 3, "qqq": 3})") ==
        "model.json: /layers/0/qqq: unknown key; known: type, name, inputs, in_channels, "
        "out_channels, kernel_size, stride, dilation, padding, groups, bias, padding_mode, device, "
        "dtype");
}

}  // namespace lucid::test
