"""Asks numpy what it makes of strings and descriptions of data types: python3 dtypes.py > dtypes.txt

One line each, with tabs between: how it was asked (`str`, `align` or `descr`), the text as a Python
literal, then either `error`, `objects`, `ours` (numpy makes something of it that no array should
be of, and we refuse it) or the description, the size, the alignment, the name, and whether it is
native. Sub-arrays are described as within a structure.
"""

import ast
import re
import sys
import warnings

import numpy
from numpy._core._internal import _array_descr
from numpy.lib.format import descr_to_dtype, dtype_to_descr

warnings.simplefilter("ignore")

LETTERS = list("bBhHiIlLqQpPnNefdgFDGScaUVMm?OTxyzwsurtvkjAEJKRWXYZ") + [""]
SIZED = [
    f"{sign}{kind}{size}"
    for sign in ["", "<", ">", "=", "|"]
    for kind in "biufcSUVMmaO?B"
    for size in ["", 0, 1, 2, 3, 4, 8, 10, 12, 16, 32]
    # A digit behind a sign makes it a list, whose item is then just as good.
]
NAMES = """bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64
float128 float96 complex64 complex128 complex256 longdouble clongdouble half single double csingle
cdouble byte ubyte short ushort intc uintc int_ uint long ulong longlong ulonglong intp uintp int
float complex str bytes unicode object object_ void str_ bytes_ datetime64 timedelta64 int0 uint0
float_ complex_ string_ unicode_ cfloat Float32 Uint32 INT32 datetime timedelta datetime64ns string
None Bool number integer generic i8i8""".split()
SIZES = """S-1 S-0 S+5 S05 f04 f+4 U536870911 U536870912 S2147483647 S2147483648 V2147483647
V2147483648 S99999999999999999999 S00000000005 S5x f4f c1 i4.0 ?1 ?8 B1 F8 d8 l8 q8 b8 T16""".split()
SIZES += ["S 5", "f 4", "f\t4", "S\n5", "S\x0b5", "S + 5", "i8 ", " i8", "f4\n", "f4\0", "\0", "\x05", "é", "fé", "中",
          "<f\u00a04", "S\u0665"]
UNITS = """[] [s [s]x [0s] [1s] [25s] [-1s] [+2s] [generic] [2generic] [Y] [M] [W] [D] [h] [m] [ms] [us]
[ns] [ps] [fs] [as] [zs] [B] [min] [μs] [µs] [2147483647s] [2147483648s] [10000000000000000000000s]
[s/2] [7D/7] [D/24] [D/5] [Y/12] [Y/13] [Y/5] [Y/7] [3W/2] [M/2] [M/9] [W/2] [W/10080] [W/604800]
[h/60] [h/3600] [h/7] [m/60000] [m/7] [ns/1000] [ps/1000000] [fs/1000] [fs/1000000] [as/2]
[generic/2] [generic/1] [as/1] [Y/] [Y/x] [Y/2x] [Y/2]] [s/02] [s/+2] [s/2147483648] [2147483647s/2]
[2147483647W/7] [s/1] [s//2] [5] [/2] [s,2] [[s]] ns [S] [y]""".split()
UNITS += ["[ s]", "[s ]", "[2 s]", "[ 2s]", " [s]", "[s]\n"]
LISTS = """3f4 (3)f4 (3,)f4 (2,2)f8 ()f4 f4, f4,,f8 ,f4 <(3,)f4 (3,)<f4 <(3,)>f4 =(3,)<f4 1f4 0f4 (1,)f4
f4;f8 2S 2S5 3U >2U 3V 2S0 3a (2,)S (2,)S0 M8[s],f4 M8[2s/2],i4 (2,3),f4 2(3)f4 (2147483647)f4
2147483648u1 99999999999999999999u1 2147483647u1 2147483647u2 (46341,46341)u1 (46340,46340)u1 (-1)u1
(2,3,)u1 int8,float32 2int8 ?,? 3x >3f4 <()f4 () (2,) 2 12 > << | >f4,<i2 =f4,|i2 f4,[a] S5,V3 O,f4 T,f4
f4,é {f4} (1,(2))f4 (,)f4 (,2)f4 3,f4 3, 1,2f4 (2) ()f4,i4 0, 00f4 007f4 (007)f4 (2)i2,f4 (00,)f4 1,2,3
i4,3 (3f4 3)f4 >>f4,i4 |3f4 f4,, <,f4 3<,f4 f4,3, i1,M8[ns i1,datetime64[ns],u1 (2,2)(3)f4 f,4 3S,i4
<3M8[s],f4 3M8[s] 3|f4 >3|f4 3=f4 >3=f4,i1 f.4,i4 1.5f4 f4[ f4] [f4,f8] f4,f8[2] M8[s], m8,m8[s,x]
timedelta64[3D], float, a, a5, 1a5 U5,>U5 c,c c1, b1,? p,P e,g,G S2147483648,f4 S-1,f4 -3f4 +3f4 S5,S5,S5
M,m <M,>m >float32 >float32,i4 =float32,i4 <float32,i4 |float32,i4 f4,>g,<F >2M8[ns],>m8 (2,0)f4 (0,0)f4
V2147483647,V1 V2147483646,V1 2147483647V1,u1 (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)f4 f4,O O8,i4 i4,object
=(3,)<5f4 6,>6U2 3<2f4,i1 >3>2f4 (65536,65536,0)u1 (0,65536)f8 u1,(0,)f4,u2 0S5 0U 0V (2147483647,2147483647,2147483647,0)u1 >b1,>u1 2c f4.,i4""".split()
LISTS += ["i4, (2,2)f8, 3u1", "f4 , f8 ", " f4, f8", "f4 f8", "f4,f8 x", "(2 3)u1", "float, int", "( )f4",
          "f4,( )f4", "f4\n,f8", "f4, ", "f4 ,", " 3f4", "  f4,i4", "( 3 )f4", "( 3, )f4", "f4,( 3, 2 )f4",
          "(3) f4", "  f4", "(3)  >f4  ,  (2)i2  ", "3 ,4", "3 f4", "3  <f4", "1 2f4", "2 2f4", "f4\t,i2",
          "i4,f4\n", "f4\n ", "S 5,i4", "f 4,i4", "(2, 3)f4,  ?", "f4,\u00a0f8", "f4 \u2003, f8", "f4, 3 f8",
          "f4, 3< f8", "f4,\x1cf8", ",", " , ", "(", ")", "()", "()()f4", "f4," * 40, "(" + "1," * 65 + ")f4",
          "(" + "1," * 64 + ")f4"]
STRINGS = LETTERS + SIZED + NAMES + SIZES + [t + u for t in ["M8", "m8"] for u in UNITS]
STRINGS += ["datetime64[ns]", "timedelta64[25s]", ">datetime64[D]", ">M8", "|M8[s]", "=m8[s]", "M9", "M8[s]M8"]
STRINGS += LISTS

ALIGNED = ["i1,i4", "i1,(2,)f8,u1", "i4,i1", "S3,U2,M8[s],g,G", "F,b", "()i1,i2", "V3,i2", "i1,D,i1,G,i1",
           "u1,3U1,u1", "?,m8,?", "S1", "f2,f8,f2", "u1,0f8,u1", "u1,3S,u2", "i8,f4,i2,i1", "f16,b"]
DESCRS = r"""
'<f4' 'float32' '|O' 'f4,f8' '3f4' b'<f4' None 3 [] () {} True ''
[('','<f4')] [('','|V4')] [('','<f4'),('','<f4')] [('a','<f4'),('','|V4')] [('','|V4'),('a','<f4')]
[('a','<f4',(2,))] [('a','<f4',2)] [('a','<f4',())] [('a','<f4',(0,))] [('a','<f4',[2,3])] [('a','<f4',1)]
[('a',('<f4',(2,)),(3,))] ('<f4',(2,)) (('<f4',(2,)),(3,)) ('<f4',2) ('<f4',()) ('S',5) ('U',5) ('>U0',5) ('V',5)
('U',(5,)) [('a','S',5)] [('a','S',(5,))] [('a','V0',5)] ('V0',(5,)) ('S',-5) 'S' [('a','S')] [('a','U')]
[(('T','n'),'<f4')] [((None,'n'),'<f4')] [(('n','n'),'<f4')] [(('T','n'),'<f4'),(('T','m'),'<f4')]
[(('T','n'),'<f4'),('T','<f4')] [(('','n'),'<f4')] [(('T',''),'<f4')] [(('T',''),'|V4')]
[(('T','n','x'),'<f4')] [(('T',),'<f4')] [(1,'<f4')] [('a','<f4','x')] [('a',)] [()] [['a','<f4']] [('a','i4,i8')]
[('','V4',(2,))] [('','i1,i2')] [('',[('x','<f4')])] [('','|V0')] [('a','<f4'),('a','<f8')] [('a','O')]
[('a','M8[ns]'),('b','>m8[3D]')] [('a','<f4',-1)] [('a','<f4',(2147483648,))] [('a','V2000000000',(2,))]
[('a',[('b',[('c','<f4')])],(2,2))] [('a','u1'),('','V3'),('b',[('x','u1'),('','V1'),('y','<u2')]),('','V2')]
[('a','<f4',(1,),2)] ('<f4',(2,),3) ('<f4',) [('a','<f9')] [('',('V4',(2,)))] [('',('<f4',(2,)))] [('','S4')]
[('\u00e9\u200b\x07\n\\','u1')] [('\U0001f600\xad\u0301','u1')]
[u'a'] [(u'a',u'<f4')] [('''a''',"<f4")] [(r'a\b','<f4')] [('a','<f4',(0x2,))] [('a','<f4',(1_0,))]
[('a',('<f4',(0,)),(3,))] [('a',[],(2,))] [('a',[])] [('f1','f4'),('','i2')] [('\t\x7f\u3000\ue000\U000e0001','u1')]
"""
DESCRS = re.split(r"\s+", DESCRS.strip())
DESCRS += ["[('a' 'b','<f4')]", r"""[("it's",'u1'),('say "x"','u1'),('both \' "','u1')]""",
           "[('a', '<f4'), ('b', '<f4', (2, 3))]", " '<f4'", "'<f4' ", "[ ( 'a' , '<f4' , ) , ]",
           "[('a',\n '<f4') # a field\n]"]

# numpy makes times of steps of nothing of these, or of less than nothing; takes a character for the
# number of a type; an empty dictionary for a list; overlooks the third of two; and adds up sizes
# beyond a C int to negative ones.
OURS = {"M8[0s]", "m8[0s]", "M8[s/-2]", "m8[s/-2]", "M8[W/604800]", "m8[W/604800]", "M8[2147483647s/2]",
        "m8[2147483647s/2]", "\0", "\x05", "{}", "('<f4',(2,),3)", "V2147483647,V1", "2147483647V1,u1"}


def ask(how, text, make):
    key = [how, ascii(text) if how != "descr" else ascii(text)]
    try:
        dtype = make()
    except Exception:
        return key + ["error"]
    if text in OURS:
        return key + ["ours"]
    if dtype.hasobject or dtype.kind == "T":
        return key + ["objects"]
    descr = _array_descr(dtype) if dtype.subdtype else dtype_to_descr(dtype)
    native = "native" if is_native(dtype) else "foreign"
    return key + [ascii(repr(descr)), str(dtype.itemsize), str(dtype.alignment), dtype.name, native]


def is_native(dtype):
    """numpy calls every sub-array native."""
    if dtype.subdtype:
        return is_native(dtype.base)
    if dtype.names is not None:
        return all(is_native(dtype[name]) for name in dtype.names)
    return dtype.isnative


def main():
    print("# numpy", numpy.__version__, "on", sys.platform)
    for text in dict.fromkeys(STRINGS):
        print("\t".join(ask("str", text, lambda: numpy.dtype(text))))
    for text in ALIGNED:
        print("\t".join(ask("align", text, lambda: numpy.dtype(text, align=True))))
    for text in DESCRS:
        print("\t".join(ask("descr", text, lambda: descr_to_dtype(ast.literal_eval(text)))))


main()
