using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary>
/// Compares the loaded library with what the bindings were written for. A library of another version would read our structs wrongly and
/// crash the process, so anything unexpected is refused by name.
/// </summary>
internal static unsafe class AbiCheck
{
    public const string ExpectedVersion = "0.5.0";

    /// <summary>The library's version string.</summary>
    public static string Version() => Marshal.PtrToStringUTF8((nint)LlamaApi.Version()) ?? "";

    /// <summary>What is wrong with the loaded library; <c>null</c> when it fits.</summary>
    public static string? FindFault()
    {
        string version = Version();
        if (version != ExpectedVersion && !version.StartsWith(ExpectedVersion + "-", StringComparison.Ordinal))
        {
            return $"it is version {version}, expected {ExpectedVersion}";
        }

        LlamaModelParams model = LlamaApi.ModelDefaultParams();
        LlamaContextParams context = LlamaApi.ContextDefaultParams();
        LlamaQuantizeParams quantize = LlamaApi.QuantizeDefaultParams();
        (string Name, bool Fits)[] known =
        [
            ("llama_model_params.n_gpu_layers", model.GpuLayers == -1),
            ("llama_model_params.load_mode", model.LoadMode == -1),
            ("llama_model_params.use_extra_bufts", model is { VocabOnly: 0, UseExtraBuffers: 1, NoAlloc: 0 }),
            ("llama_context_params.n_ctx", context.ContextLength == 512),
            ("llama_context_params.n_batch", context is { BatchSize: 2048, MicroBatchSize: 512 }),
            ("llama_context_params.flash_attn_type", context.FlashAttention == -1),
            ("llama_context_params.type_k", context is { KeyType: 1, ValueType: 1 }),
            ("llama_context_params.no_perf", context is { Embeddings: 0, OffloadKqv: 1, NoPerf: 1, FullSlidingWindow: 1, UnifiedKv: 0 }),
            ("llama_model_quantize_params.ftype", quantize is { Threads: 0, FileType: 7, OutputTensorType: 43, QuantizeOutput: 1, DryRun: 0, PruneLayers: 0 }),
            ("llama_context_params.samplers", context is { Samplers: 0, SamplerCount: 0, OtherContext: 0 }),
        ];
        foreach ((string name, bool fits) in known)
        {
            if (!fits)
            {
                return $"its struct layout differs at {name}";
            }
        }

        return null;
    }
}
