using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary>The part of <c>llama.h</c> (v0.5.0) that AgentKit calls. Everything that takes a context is called by its engine's owner thread only.</summary>
internal static unsafe partial class LlamaApi
{
    private const string Library = "llama";

    [LibraryImport(Library, EntryPoint = "llama_version")]
    public static partial byte* Version();

    [LibraryImport(Library, EntryPoint = "llama_model_default_params")]
    public static partial LlamaModelParams ModelDefaultParams();

    [LibraryImport(Library, EntryPoint = "llama_context_default_params")]
    public static partial LlamaContextParams ContextDefaultParams();

    [LibraryImport(Library, EntryPoint = "llama_model_quantize_default_params")]
    public static partial LlamaQuantizeParams QuantizeDefaultParams();

    /// <returns>0 when the output was written.</returns>
    [LibraryImport(Library, EntryPoint = "llama_model_quantize", StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint Quantize(string input, string output, in LlamaQuantizeParams parameters);

    [LibraryImport(Library, EntryPoint = "llama_backend_init")]
    public static partial void BackendInit();

    [LibraryImport(Library, EntryPoint = "llama_log_set")]
    public static partial void LogSet(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* userData);

    [LibraryImport(Library, EntryPoint = "llama_model_load_from_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial ModelHandle ModelLoadFromFile(string path, LlamaModelParams parameters);

    [LibraryImport(Library, EntryPoint = "llama_model_free")]
    public static partial void ModelFree(nint model);

    [LibraryImport(Library, EntryPoint = "llama_init_from_model")]
    public static partial ContextHandle InitFromModel(ModelHandle model, LlamaContextParams parameters);

    [LibraryImport(Library, EntryPoint = "llama_free")]
    public static partial void ContextFree(nint context);

    [LibraryImport(Library, EntryPoint = "llama_get_memory")]
    public static partial nint GetMemory(ContextHandle context);

    [LibraryImport(Library, EntryPoint = "llama_pooling_type")]
    public static partial int PoolingType(ContextHandle context);

    [LibraryImport(Library, EntryPoint = "llama_model_get_vocab")]
    public static partial nint ModelGetVocab(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_n_embd_out")]
    public static partial int ModelEmbeddingLength(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_n_cls_out")]
    public static partial uint ModelClassifierOutputs(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_is_recurrent")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool ModelIsRecurrent(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_is_hybrid")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool ModelIsHybrid(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_is_diffusion")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool ModelIsDiffusion(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_has_encoder")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool ModelHasEncoder(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_model_has_decoder")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool ModelHasDecoder(ModelHandle model);

    [LibraryImport(Library, EntryPoint = "llama_memory_clear")]
    public static partial void MemoryClear(nint memory, [MarshalAs(UnmanagedType.U1)] bool data);

    [LibraryImport(Library, EntryPoint = "llama_memory_seq_rm")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool MemorySequenceRemove(nint memory, int sequence, int from, int to);

    [LibraryImport(Library, EntryPoint = "llama_memory_seq_cp")]
    public static partial void MemorySequenceCopy(nint memory, int source, int destination, int from, int to);

    [LibraryImport(Library, EntryPoint = "llama_memory_seq_add")]
    public static partial void MemorySequenceShift(nint memory, int sequence, int from, int to, int delta);

    [LibraryImport(Library, EntryPoint = "llama_memory_seq_pos_max")]
    public static partial int MemorySequenceLastPosition(nint memory, int sequence);

    [LibraryImport(Library, EntryPoint = "llama_memory_can_shift")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool MemoryCanShift(nint memory);

    [LibraryImport(Library, EntryPoint = "llama_state_seq_get_size")]
    public static partial nuint SequenceStateSize(ContextHandle context, int sequence);

    [LibraryImport(Library, EntryPoint = "llama_state_seq_get_data")]
    public static partial nuint SequenceStateGet(ContextHandle context, byte* destination, nuint size, int sequence);

    [LibraryImport(Library, EntryPoint = "llama_state_seq_set_data")]
    public static partial nuint SequenceStateSet(ContextHandle context, byte* source, nuint size, int sequence);

    [LibraryImport(Library, EntryPoint = "llama_adapter_lora_init", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint AdapterLoad(ModelHandle model, string path);

    [LibraryImport(Library, EntryPoint = "llama_adapter_lora_free")]
    public static partial void AdapterFree(nint adapter);

    [LibraryImport(Library, EntryPoint = "llama_set_adapters_lora")]
    public static partial int SetAdapters(ContextHandle context, nint* adapters, nuint count, float* scales);

    [LibraryImport(Library, EntryPoint = "llama_decode")]
    public static partial int Decode(ContextHandle context, LlamaBatch batch);

    [LibraryImport(Library, EntryPoint = "llama_set_n_threads")]
    public static partial void SetThreads(ContextHandle context, int threads, int batchThreads);

    [LibraryImport(Library, EntryPoint = "llama_get_logits_ith")]
    public static partial float* GetLogits(ContextHandle context, int batchIndex);

    [LibraryImport(Library, EntryPoint = "llama_get_embeddings_seq")]
    public static partial float* GetSequenceEmbeddings(ContextHandle context, int sequence);

    [LibraryImport(Library, EntryPoint = "llama_vocab_n_tokens")]
    public static partial int VocabSize(nint vocab);

    [LibraryImport(Library, EntryPoint = "llama_vocab_get_attr")]
    public static partial int VocabAttributes(nint vocab, int token);

    [LibraryImport(Library, EntryPoint = "llama_vocab_is_eog")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool VocabIsEndOfGeneration(nint vocab, int token);

    [LibraryImport(Library, EntryPoint = "llama_vocab_bos")]
    public static partial int VocabBos(nint vocab);

    [LibraryImport(Library, EntryPoint = "llama_vocab_eos")]
    public static partial int VocabEos(nint vocab);

    [LibraryImport(Library, EntryPoint = "llama_vocab_sep")]
    public static partial int VocabSep(nint vocab);

    [LibraryImport(Library, EntryPoint = "llama_vocab_get_add_sep")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool VocabAddsSep(nint vocab);

    [LibraryImport(Library, EntryPoint = "llama_vocab_get_add_bos")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool VocabAddsBos(nint vocab);

    [LibraryImport(Library, EntryPoint = "llama_vocab_get_add_eos")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool VocabAddsEos(nint vocab);

    [LibraryImport(Library, EntryPoint = "llama_tokenize")]
    public static partial int Tokenize(
        nint vocab,
        byte* text,
        int textLength,
        int* tokens,
        int capacity,
        [MarshalAs(UnmanagedType.U1)] bool addSpecial,
        [MarshalAs(UnmanagedType.U1)] bool parseSpecial);

    [LibraryImport(Library, EntryPoint = "llama_token_to_piece")]
    public static partial int TokenToPiece(
        nint vocab, int token, byte* buffer, int length, int leftStrip, [MarshalAs(UnmanagedType.U1)] bool special);
}
