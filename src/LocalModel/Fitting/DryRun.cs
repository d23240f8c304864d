using System.Globalization;
using System.Text.RegularExpressions;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Engine;
using AgentKit.Models.Native;
using Microsoft.Extensions.Logging;

namespace AgentKit.Models.Fitting;

/// <summary>
/// Opens a model and a context in llama.cpp without allocating weights or KV cache and reads from its log what it would have taken.
/// </summary>
internal static partial class DryRun
{
    private const int LoadModeNone = 0;

    /// <param name="path">A checked model file.</param>
    /// <param name="sizes">The sizes an engine would be opened with.</param>
    /// <param name="gpuLayers">Layers on GPUs.</param>
    /// <param name="fullWindow">Whether windowed layers keep all cells, as the engine has it.</param>
    /// <exception cref="NativeRuntimeException">The libraries are missing or refuse these sizes.</exception>
    public static MeasuredMemory Measure(string path, EngineOptions sizes, int gpuLayers, bool fullWindow = true)
    {
        var log = new LogLines();
        if (NativeRuntime.Probe().Fault is { } fault) throw new NativeRuntimeException(fault);
        NativeLog.UseOnThisThread(log);
        try
        {
            using ModelHandle model = Load(path, gpuLayers);
            using ContextHandle context = ContextHandle.Create(model, Parameters(model, sizes, fullWindow));
            if (context.IsInvalid)
            {
                throw new NativeRuntimeException(
                    $"llama.cpp refuses a context of {sizes.Cells:N0} cells in {sizes.KvType} for {sizes.SequenceIds} sequences. {NativeLog.TakeComplaints()}");
            }
        }
        finally
        {
            NativeLog.UseOnThisThread(null);
        }

        return new(log.Sum(KvCache()), log.Sum(RecurrentState()), log.Sum(ComputeBuffer()), log.Sum(OutputBuffer()));
    }

    private static ModelHandle Load(string path, int gpuLayers)
    {
        LlamaModelParams parameters = LlamaApi.ModelDefaultParams();
        parameters.GpuLayers = gpuLayers;
        // llama.cpp ends the process when it is to map a file that it must not allocate for.
        parameters.NoAlloc = 1;
        parameters.LoadMode = LoadModeNone;
        NativeLog.TakeComplaints();
        ModelHandle model = LlamaApi.ModelLoadFromFile(path, parameters);
        if (!model.IsInvalid) return model;
        model.Dispose();
        throw new UserInputException("model", $"llama.cpp could not load {path}. {NativeLog.TakeComplaints()}");
    }

    private static LlamaContextParams Parameters(ModelHandle model, EngineOptions sizes, bool fullWindow)
    {
        LlamaContextParams parameters = LlamaApi.ContextDefaultParams();
        parameters.ContextLength = (uint)sizes.Cells;
        parameters.BatchSize = (uint)sizes.BatchSize;
        parameters.MicroBatchSize = (uint)sizes.BatchSize;
        parameters.MaxSequences = (uint)sizes.SequenceIds;
        parameters.MaxOutputs = (uint)(sizes.SequenceIds + sizes.ExtraOutputs(LlamaApi.VocabSize(LlamaApi.ModelGetVocab(model))));
        parameters.UnifiedKv = 1;
        parameters.FullSlidingWindow = (byte)(fullWindow ? 1 : 0);
        parameters.KeyType = parameters.ValueType = (int)EngineContext.TypeOf(sizes.KvType);
        return parameters;
    }

    [GeneratedRegex(@"^llama_kv_cache: size = +([\d.]+) MiB")]
    private static partial Regex KvCache();

    [GeneratedRegex(@"^llama_memory_recurrent: size = +([\d.]+) MiB")]
    private static partial Regex RecurrentState();

    [GeneratedRegex(@" compute buffer size = +([\d.]+) MiB")]
    private static partial Regex ComputeBuffer();

    [GeneratedRegex(@" output buffer size = +([\d.]+) MiB")]
    private static partial Regex OutputBuffer();

    private sealed class LogLines : ILogger
    {
        private readonly List<string> _lines = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Add(formatter(state, exception));

        /// <summary>The sizes in all lines of a kind, in bytes; the log has two digits of a MiB.</summary>
        public long Sum(Regex line) => (long)_lines.Select(text => line.Match(text)).Where(match => match.Success)
            .Sum(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * (1 << 20));
    }
}
