using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Models.Fitting;

/// <summary>Reads a model's <see cref="CacheShape"/> from its metadata, by the rules of llama.cpp v0.5.0.</summary>
internal sealed class CacheShapeReader
{
    private const int MostLayers = 65_536;

    /// <summary>
    /// Families with sliding windows: every how many layers one sees everything (the last of them, or the first), when the file has no pattern.
    /// Other families ignore the key.
    /// </summary>
    private static readonly Dictionary<string, (int Period, bool DenseFirst)> WindowPeriods = new()
    {
        ["afmoe"] = (4, false), ["cohere2"] = (4, false), ["cohere2moe"] = (4, true), ["exaone-moe"] = (4, false), ["exaone4"] = (4, false),
        ["gemma-embedding"] = (6, false), ["gemma2"] = (2, false), ["gemma3"] = (6, false), ["gemma3n"] = (5, false), ["gemma4"] = (6, false),
        ["granite_swa"] = (4, false), ["laguna"] = (4, true), ["llama4"] = (4, false), ["mellum"] = (4, false), ["mimo2"] = (4, false),
        ["olmo2"] = (4, false), ["gpt-oss"] = (2, false), ["plamo3"] = (8, false), ["smallthinker"] = (4, true), ["step35"] = (4, false),
        ["muse-glimmer"] = (4, false), ["maple"] = (4, false),
    };

    private static readonly HashSet<string> RecurrentOnly = ["mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"];

    private readonly GgufFile _file;
    private readonly string _architecture;
    private readonly int _layers;
    private readonly long[] _heads;
    private readonly long[] _kvHeads;

    private CacheShapeReader(GgufFile file)
    {
        _file = file;
        _architecture = file.FindString("general.architecture") ?? "";
        long blocks = Integer("block_count") ?? 0;
        if (blocks is < 0 or > MostLayers)
            throw new UserInputException(Key("block_count"), $"{file.Name}: {Key("block_count")} is {blocks}; 0 to {MostLayers} is allowed.");
        // Layers that only predict further tokens are not part of the model that answers.
        _layers = (int)Math.Max(0, blocks - (Integer("nextn_predict_layers") ?? 0));
        _heads = PerLayer("attention.head_count", new long[_layers]);
        _kvHeads = PerLayer("attention.head_count_kv", _heads);
    }

    /// <exception cref="UserInputException">A value has the wrong type or is out of range.</exception>
    public static CacheShape Read(GgufFile file) => new CacheShapeReader(file).Read();

    private CacheShape Read()
    {
        bool[] windowed = Windowed(out long window);
        var layers = new List<CacheLayer>();
        int recurrent = 0;
        for (int layer = 0; layer < _layers; layer++)
        {
            bool isRecurrent = IsRecurrent(layer);
            recurrent += isRecurrent || _architecture == "falcon-h1" ? 1 : 0;
            if (!isRecurrent && OwnsCache(layer)) layers.Add(Attention(layer, windowed[layer]));
        }

        return new(layers, layers.Any(layer => layer.IsWindowed) ? window : 0, recurrent * StateElements() * sizeof(float));
    }

    private CacheLayer Attention(int layer, bool windowed)
    {
        long whole = (Integer("embedding_length") ?? 0) / Math.Max(1, _heads.FirstOrDefault(n => n > 0));
        long keys = Integer("attention.key_length") ?? whole, values = Integer("attention.value_length") ?? whole;
        if (windowed)
        {
            keys = Integer("attention.key_length_swa") ?? keys;
            values = Integer("attention.value_length_swa") ?? values;
        }

        bool latent = Integer("attention.key_length_mla") > 0 && Integer("attention.value_length_mla") > 0;
        return new(_kvHeads[layer], keys, latent ? 0 : values, windowed);
    }

    private bool[] Windowed(out long window)
    {
        bool[] windowed = new bool[_layers];
        window = Integer("attention.sliding_window") ?? (_architecture is "gemma2" or "exaone4" ? 4096 : 0);
        if (_architecture == "llama4" && Integer("attention.sliding_window") != 0) window = 8192;
        bool exempt = _architecture == "exaone4" && _layers != 64;
        if (window == 0 || exempt || !WindowPeriods.TryGetValue(_architecture, out var pattern)) return windowed;
        string key = Key("attention.sliding_window_pattern");
        if (_file.Metadata.TryGetValue(key, out var stored) && stored.IsArray)
        {
            bool[] flags = Flags(stored, key);
            for (int i = 0; i < _layers && i < flags.Length; i++) windowed[i] = flags[i];
            return windowed;
        }

        long period = Integer("attention.sliding_window_pattern") ?? pattern.Period;
        for (int i = 0; i < _layers; i++)
            windowed[i] = period == 0 || (pattern.DenseFirst ? i % period != 0 : i % period < period - 1);
        return windowed;
    }

    private bool[] Flags(GgufValue value, string key) => value.ElementType == GgufValueType.Bool
        ? [.. value.Data.ToArray().Select(item => item != 0)]
        : GgufValue.IsIntegral(value.ElementType)
            ? [.. value.AsIntegers().Select(item => item != 0)]
            : throw new UserInputException(key, $"{_file.Name}: {key} is {value}; bools are needed.");

    private bool IsRecurrent(int layer)
    {
        if (RecurrentOnly.Contains(_architecture)) return true;
        if (_kvHeads[layer] == 0) return _heads.Any(n => n > 0);
        long interval = Integer("full_attention_interval") ?? 0;
        return interval > 1 && (layer + 1) % interval != 0;
    }

    /// <summary>The last layers of some families read the cache of earlier ones.</summary>
    private bool OwnsCache(int layer) => _architecture switch
    {
        "gemma3n" => layer < 20,
        "gemma4" => layer < _layers - (Integer("attention.shared_kv_layers") ?? 0),
        _ => true,
    };

    /// <summary>Elements of recurrent state, F32, in one layer of one sequence: the convolution's history and the state itself.</summary>
    private long StateElements()
    {
        long embedding = Integer("embedding_length") ?? 0, heads = _heads.FirstOrDefault();
        if (Integer("wkv.head_size") is > 0 and var wkv) return ((Integer("token_shift_count") ?? 2) * embedding) + (embedding * wkv);
        if (Integer("shortconv.l_cache") is > 0 and var history) return embedding * (history - 1);
        long convolution = Integer("ssm.conv_kernel") ?? 0;
        if (Integer("kda.head_dim") is > 0 and var kda)
            return (3 * (convolution > 0 ? convolution - 1 : 3) * heads * kda) + (kda * kda * heads);
        long inner = Integer("ssm.inner_size") ?? 0, state = Integer("ssm.state_size") ?? 0, groups = Integer("ssm.group_count") ?? 0;
        return (Math.Max(0, convolution - 1) * (inner + (2 * groups * state))) + (state * inner);
    }

    private string Key(string suffix) => $"{_architecture}.{suffix}";

    private long? Integer(string suffix)
    {
        string key = Key(suffix);
        if (!_file.Metadata.TryGetValue(key, out var value) || value.IsArray) return null;
        // Larger numbers would overflow the products; no model has them.
        return _file.FindInteger(key) is >= 0 and <= int.MaxValue and var number
            ? number
            : throw new UserInputException(key, $"{_file.Name}: {key} is {value}; 0 to {int.MaxValue} is allowed.");
    }

    private long[] PerLayer(string suffix, long[] otherwise)
    {
        if (!_file.Metadata.TryGetValue(Key(suffix), out var value)) return otherwise;
        if (!value.IsArray) return [.. Enumerable.Repeat(Integer(suffix)!.Value, _layers)];
        if (!GgufValue.IsIntegral(value.ElementType) || value.Count < _layers || value.AsIntegers().Any(n => n is < 0 or > 1 << 20))
            throw new UserInputException(Key(suffix), $"{_file.Name}: {Key(suffix)} is {value}; integers for {_layers} layers are needed.");
        return value.AsIntegers()[.._layers];
    }
}
