using AgentKit.Kernel.Errors;
using AgentKit.Models.Native;

namespace AgentKit.Models;

/// <summary>Hands a checked file to llama.cpp.</summary>
internal static unsafe class ModelLoader
{
    private const int LoadModeNone = 0;

    /// <param name="path">A checked model file.</param>
    /// <param name="settings">The sizes to load it with.</param>
    /// <param name="writable">
    /// Whether weights shall lie in memory as the file has them and may be overwritten: neither mapped from the file nor repacked for the CPU.
    /// </param>
    /// <exception cref="UserInputException">llama.cpp refused the model, or it cannot generate token by token.</exception>
    public static ModelHandle Load(string path, ModelSettings settings, bool writable = false)
    {
        LlamaModelParams parameters = LlamaApi.ModelDefaultParams();
        parameters.GpuLayers = settings.GpuLayers;
        if (writable) (parameters.LoadMode, parameters.UseExtraBuffers) = (LoadModeNone, 0);
        NativeLog.TakeComplaints();
        ModelHandle model = settings.ExpertsInMainMemory ? LoadWithoutExperts(path, parameters) : LlamaApi.ModelLoadFromFile(path, parameters);
        if (!model.IsInvalid && LlamaApi.ModelHasDecoder(model) && !LlamaApi.ModelHasEncoder(model) && !LlamaApi.ModelIsDiffusion(model))
        {
            return model;
        }

        bool loaded = !model.IsInvalid;
        model.Dispose();
        throw new UserInputException("model", loaded
            ? $"{path} is an encoder-decoder or diffusion model; only decoder models can be served."
            : $"llama.cpp could not load {path}. {NativeLog.TakeComplaints()}");
    }

    private static ModelHandle LoadWithoutExperts(string path, LlamaModelParams parameters)
    {
        fixed (byte* experts = @"blk\.\d+\.ffn_.*_exps\..*"u8)
        {
            // The list ends with an empty entry.
            LlamaTensorOverride* overrides = stackalloc LlamaTensorOverride[2];
            overrides[0] = new() { Pattern = experts, BufferType = GgmlApi.CpuBufferType() };
            overrides[1] = default;
            parameters.TensorBufferOverrides = (nint)overrides;
            return LlamaApi.ModelLoadFromFile(path, parameters);
        }
    }
}
